import { openFolder } from './kept/folder.js'
import { Keeper } from './kept/keeper.js'
import { newState, readState, stateText, type StackState } from './kept-state.js'
import type { LocalOptions } from './local-stack.js'

/** What a stack knows, and where it is kept. */
export interface Memory {
  state: StackState
  /** Where a table of payments is kept; `undefined` for none. */
  paymentsFile: string | undefined
  /** Resolves when what has changed is kept. */
  saved: () => Promise<void>
  /** Keeps everything, and lets another stack have the folder. */
  close: () => Promise<void>
}

/**
 * Opens the folder that the options name. Without one, everything is new and in memory.
 *
 * @throws OptionsError if the folder cannot be used, or holds a state that cannot be read.
 */
export async function openMemory({ folder: name, reset = false }: LocalOptions): Promise<Memory> {
  const nothing = (): Promise<void> => Promise.resolve()
  if (name === undefined)
    return {
      ...{ state: newState(), paymentsFile: undefined, saved: nothing, close: nothing },
    }
  const folder = await openFolder(name, reset)
  try {
    const before = await folder.read()
    const state = before === undefined ? newState() : readState(before, folder.file)
    const keeper = new Keeper(
      (text) => folder.write(text),
      () => stateText(state),
    )
    const saved = (): Promise<void> => keeper.save()
    return {
      ...{ state, paymentsFile: folder.paymentsFile, saved },
      close: () => saved().finally(() => folder.close()),
    }
  } catch (error) {
    await folder.close()
    throw error
  }
}
