"""The whole street, with nothing but the vendors' clouds made up."""
