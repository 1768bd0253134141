/* Every applet, by name: APPLET(name, symbol) where `const struct applet applet_SYMBOL` stands in a file of this folder. */
