"""Start and stop what the demo and the tests need, on one machine, without root and without installed services.

child     one supervised process
warden    a tiny process that stops the others should the launcher be killed
postgres  the embedded PostgreSQL
valkey    the embedded Valkey
demo      the supervisor behind `manage.py demo`
"""
