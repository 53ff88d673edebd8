import { createRequire } from 'node:module'
import path from 'node:path'

/**
 * The path of a program that an npm package has, if the package is installed in the working directory.
 *
 * @param file where the program lies in the package
 */
export function installedProgram(name: string, file: string): string | undefined {
  const here = createRequire(path.resolve('package.json'))
  try {
    return path.join(path.dirname(here.resolve(`${name}/package.json`)), file)
  } catch {
    return undefined
  }
}
