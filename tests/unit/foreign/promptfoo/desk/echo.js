class P { constructor(o){this.o=o;this.label=o.label;} id(){return this.o.id||'echo';} async callApi(p,c){ return {output: this.o.config.say.replace('{q}', c.vars.q)}; } }
module.exports=P;
