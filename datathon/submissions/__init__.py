"""What teams hand in: prediction files and prototype dossiers."""
