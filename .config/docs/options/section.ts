import type { TypePlace } from './read.js'
import type { Give } from './wrong-values.js'

/** The options of one call, or a part of them. */
export interface Section {
  readonly heading: string
  readonly place: TypePlace
  /** Markdown above the table: which call takes these options. */
  readonly about: string
  /** The options of this section. Default: all of the type. */
  readonly names?: readonly string[]
  /** Options that another section has. */
  readonly without?: readonly string[]
  /** What stands before the names of the options in errors, e.g. `limits.`. */
  readonly path?: string
  /** Gives one option a value. Left out where no value is refused. */
  readonly give?: Give
}

/** What somebody does who looks an option up, and the sections for it. */
export interface Area {
  readonly heading: string
  /** Markdown below the heading. */
  readonly about?: string
  readonly sections: readonly Section[]
}

/** A type in a file of the source. */
export const at = (file: string, type: string): TypePlace => ({ file: `src/${file}`, type })
