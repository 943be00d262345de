"""The Kubernetes manifests below argo/."""
