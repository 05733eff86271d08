"""The ground that every stage stands on: errors that help, and files that survive a power cut.

`errors` - one exception family that names the thing, the reason and the next step.
`files`  - atomic writes, folder syncs and content hashes.
`images` - decoding untrusted pictures safely into RGB arrays.

The three stages (`toonify`, `embeddings`, `index`) never import each other; what they share lives here, and this
package imports none of them.
"""

__version__ = "0.1.0"
