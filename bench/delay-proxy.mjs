// A server that is some milliseconds away: node bench/delay-proxy.mjs <port of the server> <ms>
// It prints its own port. What a client sends arrives late by so much; answers come back at once.
import { connect, createServer } from 'node:net'

const [port, delayMs] = process.argv.slice(2).map(Number)
const server = createServer((client) => {
  const upstream = connect(port, '127.0.0.1')
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
  }
  client.on('data', (chunk) => setTimeout(() => upstream.write(chunk), delayMs))
  client.on('close', () => upstream.destroy())
  upstream.on('data', (chunk) => client.write(chunk))
  upstream.on('close', () => client.destroy())
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
