"""Where are cases, releases and people kept? One file per database, each opened by name."""
