import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { installedProgram } from '../programs/installed.js'
import { startTethered } from '../programs/tethered.js'

/** A server of DynamoDB's API that runs beside this process. */
export interface TableEngine {
  endpoint: string
  close: () => Promise<void>
}

/** Somebody else may take a port after it was found to be free. */
const TRIES = 3

/**
 * Starts dynoxide: its npm package, if that is installed in the working directory, else `dynoxide` on the PATH.
 *
 * @param file keeps the tables between starts; without one they are in memory
 * @returns `undefined` if it does not start
 * @see https://github.com/nubo-db/dynoxide
 */
export async function startTableEngine(file: string | undefined): Promise<TableEngine | undefined> {
  const binary = installedProgram(`@dynoxide/${process.platform}-${process.arch}`, 'dynoxide')
  const kept = file === undefined ? [] : ['--db-path', file]
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = String(await freePort())
    const command = [binary ?? 'dynoxide', '--host', '127.0.0.1', '--port', port, ...kept]
    const engine = await startTethered(command, /listening on (\S+)\s/)
    if (engine !== undefined) return { endpoint: engine.said, close: engine.close }
  }
  return undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
