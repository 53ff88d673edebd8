import type http from 'node:http'

/** The address to listen on. Nothing outside this machine can reach it. */
export const LOOPBACK = '127.0.0.1'

/**
 * Starts to listen.
 *
 * @throws the system's error, e.g. with code `EADDRINUSE`.
 */
export function listen(server: http.Server, port: number, host = LOOPBACK): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Stops a server, and breaks the connections that are open. */
export function stop(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
