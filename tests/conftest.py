pytest_plugins = ["virtual_mic"]
