"""How does a workflow folder become an immutable release, and what is wrong with it when it does not?

Start reading at ``read`` (folder to checked workflow), then ``freeze`` (to a release) and ``thaw`` (back from the
stored bytes).
"""
