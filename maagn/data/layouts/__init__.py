"""How data sets lie on disks: one file per layout."""
