from virtual_mic import _virtual_mic_server, virtual_mic  # noqa: F401 - fixtures
