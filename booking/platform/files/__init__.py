"""Where sealed files lie, a folder or a bucket, behind one interface that knows nothing of what is in them."""
