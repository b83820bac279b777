"""后台办理: what takes longer than a page may is done by the worker, step by step, as whoever asked for it.

An app registers a kind with one step (`kinds.register`); a page starts a job (`services.start`), the worker
goes on with it until it is done (`tasks.run_job`), the beat finds what a dead worker left.
"""
