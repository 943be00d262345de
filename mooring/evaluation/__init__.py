"""What a challenger shows on the held-out window."""
