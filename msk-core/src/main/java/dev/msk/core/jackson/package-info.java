/** JSON through Jackson. Open {@link dev.msk.core.jackson.JacksonCodec}. */
package dev.msk.core.jackson;
