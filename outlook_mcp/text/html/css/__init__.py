"""The part of CSS that decides whether text can be seen: a cascade over Lexbor's selectors and tinycss2's tokens."""
