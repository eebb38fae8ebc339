import asyncio
async def step(n):
    await asyncio.sleep(0.001 * (5 - n))
    return n
async def main():
    print(await asyncio.gather(*(step(n) for n in range(5))))
    child = await asyncio.create_subprocess_exec("echo", "from a child", stdout=asyncio.subprocess.PIPE)
    print((await child.communicate())[0])
asyncio.run(main())
