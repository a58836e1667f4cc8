"""Property tests here build arrays: how long one example takes says nothing."""

from hypothesis import settings

settings.register_profile("arrays", deadline=None)
settings.load_profile("arrays")
