"""The mailboxes: real folders, real disks that are full."""
