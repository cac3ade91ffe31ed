"""What the virtual object answers: one coroutine for each reading of a property in td.json."""


async def status_read():
    return "ready"
