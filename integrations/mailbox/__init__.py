"""Where requests arrive and letters leave, behind one port: a folder that any mail server can fill and empty.

Reading never changes the mailbox; a mail is filed away only after its item is written.
"""
