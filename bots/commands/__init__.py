"""The parts of the command line, one module for each thing that is looked at or changed."""
