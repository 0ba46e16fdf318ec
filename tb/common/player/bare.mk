# Links the bare harness with the model of a build, in the folder of that:
#   make -f Vtop.mk -f bare.mk VM_USER_DIR=<this folder> VM_USER_LDLIBS= bare
bare: bare.o $(VK_GLOBAL_OBJS) $(VM_PREFIX)__ALL.a
	$(LINK) $(LDFLAGS) $^ $(LOADLIBES) $(LDLIBS) -o $@
