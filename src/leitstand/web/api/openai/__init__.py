"""How do programs that speak OpenAI's chat completions open cases here?"""
