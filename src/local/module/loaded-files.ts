import * as nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { stampOf } from './file-stamp.js'
import { userFileIn } from './user-files.js'

/** A file that was loaded, and what it was then. */
export interface LoadedFile {
  file: string
  stamp: string
}

/** What Node 22.15 and later have beside `register`. */
interface Hooks {
  registerHooks?: (hooks: {
    load: (
      url: string,
      context: unknown,
      next: (url: string, context: unknown) => unknown,
    ) => unknown
  }) => void
}

/**
 * Notes which files of the user this process loads from now on.
 *
 * @param onFile hears of each file, but may hear of it late or more than once
 * @returns a function that tells of all files so far.
 * @see https://nodejs.org/api/module.html#customization-hooks
 */
export function noteFiles(onFile: (loaded: LoadedFile) => void): () => void {
  const note = (url: string): void => {
    const file = userFileIn(url)
    if (file !== undefined) onFile({ file, stamp: stampOf(file) })
  }
  const { registerHooks } = nodeModule as Hooks
  if (registerHooks !== undefined) {
    registerHooks({
      load(url, context, next) {
        note(url)
        return next(url, context)
      },
    })
    return () => undefined
  }
  // Hooks run in another thread, and see nothing that CommonJS modules require.
  const { port1, port2 } = new MessageChannel()
  port1.on('message', onFile).unref()
  const options = { data: { port: port2 }, transferList: [port2] }
  nodeModule.register('./load-hook.js', import.meta.url, options)
  const { cache } = nodeModule.createRequire(import.meta.url)
  return () => {
    let got: { message: LoadedFile } | undefined
    while ((got = receiveMessageOnPort(port1)) !== undefined) onFile(got.message)
    for (const file of Object.keys(cache)) note(pathToFileURL(file).href)
  }
}
