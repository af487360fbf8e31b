"""Documents written by the program about itself: never edited by hand; stale ones fail the checks.

documents  what is written: permissions, states, events, the API's description
"""
