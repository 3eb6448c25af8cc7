"""What the desk can do, one verb each: load, decide (domain), write state, ledger and jobs together.

`casework.progress` is the only place that moves a part on by itself; every other service does one
thing and then calls it. Nothing here waits for a network inside a transaction: whatever
calls a vendor, a chat or a mail server is a job of its own (`carrying_out.execution`,
`answering.reply`, `showing.posting`). The rooms lie on floors, and an import only goes down:

  pages | carrying_out | reminding   what a person opens; what jobs do at the systems; what rings by itself
  intake                             what arrives, until a ticket stands, and the first decision on it
  answering | evidence               letters; a ticket's file
  deciding | keeping                 what people decide after that; how long things are kept
  casework | staff                   how a case moves on and what that brings with it; who works here
  showing                            what colleagues see and are told
  records | links                    what was found, taken out, judged and sealed; links that work once
  house | person_views | views       what every service needs to know; what pages show, as values
  casefile | dossier | stops | thread
"""
