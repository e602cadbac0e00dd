"""The scorer service: forks that touch submitted bytes behind rlimits, Landlock and seccomp."""
