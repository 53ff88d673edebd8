import type http from 'node:http'

/** Loopback only: nothing outside this machine can reach the stack. */
export const LOOPBACK = '127.0.0.1'

/** @throws the listen error, e.g. with code `EADDRINUSE`. */
export function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Ends the connections that are open, too. */
export function stop(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
