"""What an environment pins, and the champion that production's release names."""
