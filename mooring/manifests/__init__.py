"""What is written below argo/."""
