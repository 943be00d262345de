"""The pins of an environment, and the champion that production's release pins."""
