"""How many examples a law is shown: few in the fast suite, a thousand in a proof."""

from hypothesis import settings

N_FAST, N_PROOF = 25, 1000
settings.register_profile("fast", max_examples=N_FAST, deadline=None, derandomize=True)
settings.register_profile("prove", max_examples=N_PROOF, deadline=None, print_blob=True)
settings.load_profile("fast")  # another one is loaded after this by --hypothesis-profile
# There is no deadline: how long an example takes tells of the machine's other work, not of the code.


def examples(n: int) -> settings:
    """Return settings for a law whose examples are costly: `n` of them, 40 times as many in a proof."""
    return settings(max_examples=n * settings().max_examples // N_FAST)
