"""A terminal beside the answers: values that a shell completes, and progress of what takes long."""
