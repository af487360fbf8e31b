"""Pure decisions of joint review (多图联审): no web framework, no database."""
