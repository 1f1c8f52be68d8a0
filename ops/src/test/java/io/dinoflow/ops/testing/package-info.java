/** What integration tests of ops share: a whole installation, and small recipes for it. */
package io.dinoflow.ops.testing;
