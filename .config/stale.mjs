import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** @returns the first file of src/ that dist/ does not hold as it is now, or undefined. */
export function newerThanDist() {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  return sources
    .filter((file) => isCopied(file) || /\.(ts|html|css)$/.test(file))
    .find((file) => {
      const made = path.join('dist', isCopied(file) ? file : file.replace(/\.ts$/, '.js'))
      return changedMs(made) < changedMs(path.join('src', file))
    })
}

/** What `agentcore-x402 init` writes goes out as it is. */
function isCopied(file) {
  return file.startsWith('cli/init/template/') && path.extname(file) !== ''
}

function changedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
