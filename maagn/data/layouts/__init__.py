"""How data sets lie on disks: a file a layout."""
