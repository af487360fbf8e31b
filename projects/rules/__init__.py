"""Pure decisions of the projects room: no Django, no database; each refusal says what is wrong and how to mend it."""
