import socket, threading
server = socket.create_server(("127.0.0.1", 0))
def answer():
    client, _ = server.accept()
    with client:
        client.sendall(client.recv(100).upper())
threading.Thread(target=answer).start()
with socket.create_connection(server.getsockname()) as c:
    c.sendall(b"hello")
    print(c.recv(100))
print(socket.gethostbyname("localhost"))
local = socket.socketpair()
local[0].send(b"x")
print(local[1].recv(1))
