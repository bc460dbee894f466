/**
 * Models and datasets by their name on a hub that speaks Hugging Face's protocol, kept in the cache that Python's
 * huggingface_hub keeps. {@link org.align4j.hub.Hub} is the door; {@link org.align4j.hub.HubEnvironment} says where.
 */
package org.align4j.hub;
