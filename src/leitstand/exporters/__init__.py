"""Who can watch what happens here? One file each, behind ``ports.Exporter``, and a writer for whoever asks."""
