/** A file that is kept by others; needs jackson-databind. Open {@link dev.msk.discovery.file.FileSource}. */
package dev.msk.discovery.file;
