"""Pages of joint review and acceptance."""
